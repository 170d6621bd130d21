// One request, for `osbiz catalogue check -- ./client {host} {port} {cafile}`;
// `go build -o client ./ask` makes it.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
)

func main() {
	host, port, cafile := os.Args[1], os.Args[2], os.Args[3]
	roots := x509.NewCertPool()
	if trusted, err := os.ReadFile(cafile); err != nil || !roots.AppendCertsFromPEM(trusted) {
		fmt.Fprintln(os.Stderr, "nothing to trust in", cafile)
		os.Exit(2)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	answer, err := client.Get("https://" + net.JoinHostPort(host, port) + "/")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	answer.Body.Close()
}
