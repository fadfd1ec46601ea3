package environ

import (
	"net"
	"os"
)

// NotifyReady tells systemd that the unit (Type=notify) is ready. It does nothing where systemd did not start the process.
// https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
func NotifyReady() error {
	socket := os.Getenv("NOTIFY_SOCKET") // a path, or an abstract address that begins with @, as package net has them too
	if socket == "" {
		return nil
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return err
	}
	defer c.Close() //nolint:errcheck // it was sent, or the error says why not
	_, err = c.Write([]byte("READY=1"))
	return err
}
