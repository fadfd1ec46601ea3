package host

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/facts"
)

// DefaultCABundleURL holds the certificate authorities of Amazon RDS in all commercial regions. GovCloud and China have
// their own addresses.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html#UsingWithRDS.SSL.CertificatesDownload
const DefaultCABundleURL = "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem"

// downloadCABundle fetches the authorities that sign the database's certificate, if they are not in the operating system.
// A bundle from an earlier boot is good enough when the download fails.
func (b *Boot) downloadCABundle(ctx context.Context, s *booting) error {
	db := s.config.Database
	if db.TLSMode != contract.TLSVerifyFull || !facts.HasRDSAuthority(db.Host) && !facts.HasRDSAuthority(db.ReadHost) {
		return nil
	}
	var bundle []byte
	err := b.patiently(ctx, func(ctx context.Context) (bool, error) {
		var err error
		bundle, err = b.fetchBundle(ctx)
		return false, err
	})
	if err != nil {
		kept, reading := os.ReadFile(filepath.Join(b.Root, contract.CABundlePath))
		if reading == nil && x509.NewCertPool().AppendCertsFromPEM(kept) {
			b.Log.Warn("keeping the certificate authorities of an earlier boot", "reason", err)
			return nil
		}
		return err
	}
	_, err = b.write(contract.CABundlePath, bundle, 0o644)
	return err
}

func (b *Boot) fetchBundle(ctx context.Context) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.CABundleURL, nil)
	if err != nil {
		return nil, err
	}
	resp, err := b.HTTP.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s", b.CABundleURL, resp.Status)
	}
	bundle, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20)) // it is about 170 KB
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", b.CABundleURL, err)
	}
	if !x509.NewCertPool().AppendCertsFromPEM(bundle) {
		return nil, errors.New(b.CABundleURL + " holds no certificate")
	}
	return bundle, nil
}
