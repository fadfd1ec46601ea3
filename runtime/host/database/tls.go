package database

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// verifyFull trusts the system's roots and those in bundle, and insists on the host name; see contract.TLSVerifyFull.
func verifyFull(host, bundle string) (*tls.Config, error) {
	roots, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("database: read the system's root certificates: %w", err)
	}
	if bundle != "" {
		pem, err := os.ReadFile(bundle)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("database: read root certificates: %w", err)
		}
		if err == nil && !roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("database: %s holds no certificate; remove it or boot again to download it", bundle)
		}
	}
	return &tls.Config{ServerName: host, RootCAs: roots, MinVersion: tls.VersionTLS12}, nil
}
