// Go's net/http as client, asked one line at a time: see judge.py.
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

func ask(host, address, port, anchors string) (string, error) {
	pem, err := os.ReadFile(anchors)
	if err != nil {
		return "", err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return "", errors.New("no anchor can be read")
	}
	dialer := net.Dialer{Timeout: 15 * time.Second}
	client := http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: pool, Time: clock},
		DisableKeepAlives: true,
		DialContext: func(running context.Context, network, _ string) (net.Conn, error) {
			return dialer.DialContext(running, network, net.JoinHostPort(address, port))
		},
	}}
	answer, err := client.Get("https://" + net.JoinHostPort(host, port) + "/")
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return string(text), err
}

// The time at which the clock is to stand, or the real one.
func clock() time.Time {
	if told, err := time.Parse(time.RFC3339, os.Getenv("OSBIZ_TIME")); err == nil {
		return told
	}
	return time.Now()
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		parts := strings.Split(lines.Text(), "\t")
		text, err := ask(parts[1], parts[2], parts[3], parts[4])
		outcome, said := "unclear", text
		var late net.Error
		if errors.As(err, &late) && late.Timeout() {
			said = "no answer"
		} else if err != nil {
			outcome, said = "refused", err.Error()
			var wrapped *url.Error
			if errors.As(err, &wrapped) {
				said = wrapped.Err.Error()
			}
		} else if strings.Contains(text, parts[6]) {
			outcome, said = "accepted", ""
		}
		fmt.Printf("%s\t%s\t%s\n", parts[0], outcome, strings.NewReplacer("\n", " ", "\t", " ").Replace(said))
	}
}
