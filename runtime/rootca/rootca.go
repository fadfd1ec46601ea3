// Package rootca says whose certificates a client of a database trusts; see contract.TLSVerifyFull.
package rootca

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// VerifyFull trusts the system's roots (RDS Proxy has certificates of ACM) and those in the PEM file bundle (RDS instances
// and clusters have certificates of Amazon RDS's own authorities), and insists on the host name. A bundle that is not there
// adds none.
func VerifyFull(host, bundle string) (*tls.Config, error) {
	roots, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("read the system's root certificates: %w", err)
	}
	if bundle != "" {
		pem, err := os.ReadFile(bundle)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("read root certificates: %w", err)
		}
		if err == nil && !roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate; remove it or boot again to download it", bundle)
		}
	}
	return &tls.Config{ServerName: host, RootCAs: roots, MinVersion: tls.VersionTLS12}, nil
}
