// A client's tests against the box, with Go's own packages.
package client

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

type ready struct {
	WSI, Control, Token string
}

func startBox(t *testing.T) ready {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ready.json")
	box := exec.Command("osbiz", "run", "--ephemeral", "--trusted", "--no-booster", "--restart-time", "0",
		"--portal-port", "0", "--wsi-port", "0", "--wsi-http-port", "0", "--control-port", "0",
		"--ready-file", file)
	if err := box.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Process.Signal(os.Interrupt); box.Wait() })
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		var found ready
		if content, err := os.ReadFile(file); err == nil && json.Unmarshal(content, &found) == nil {
			return found
		}
	}
	t.Fatal("the box did not start")
	return ready{}
}

func (box ready) call(t *testing.T, method, path, body string, into any) {
	t.Helper()
	request, _ := http.NewRequest(method, box.Control+"/v1/"+path, bytes.NewBufferString(body))
	request.Header.Set("Authorization", "Bearer "+box.Token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

func (box ready) client(t *testing.T, now func() time.Time) *http.Client {
	t.Helper()
	var trust struct{ Anchor struct{ PEM string } }
	box.call(t, "GET", "trust", "", &trust)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(trust.Anchor.PEM))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Time: now}, DisableKeepAlives: true}
	return &http.Client{Transport: transport}
}

func logIn(client *http.Client, wsi string) (string, error) {
	answer, err := client.Get(wsi + "/cgi-bin/gadgetapi?cmd=Login&gsUser=100&gsPass=100-1234")
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return string(text), err
}

func TestLogsInWhenItTrustsTheAuthority(t *testing.T) {
	box := startBox(t)
	text, err := logIn(box.client(t, nil), box.WSI)
	if err != nil || !strings.Contains(text, "<LOGIN><ID>") {
		t.Fatal(text, err)
	}
}

func TestRefusesWhatAChangeOfAddressMakes(t *testing.T) {
	box := startBox(t)
	client := box.client(t, nil)
	var moved struct{ WSI string }
	box.call(t, "PATCH", "box", `{"lan_ip": "127.0.0.54"}`, &moved)
	_, err := logIn(client, moved.WSI)
	// Go looks at the name first: a box's own certificate has its address in the CN alone.
	var name x509.HostnameError
	if !errors.As(err, &name) {
		t.Fatal("accepted, or refused for another reason: ", err)
	}
}

// Go's clock can't be moved from outside; a client that lets its clock be set can be tested all the same.
func TestRefusesAnExpiredCertificate(t *testing.T) {
	box := startBox(t)
	inTwoYears := func() time.Time { return time.Now().AddDate(2, 0, 0) }
	_, err := logIn(box.client(t, inTwoYears), box.WSI)
	var invalid x509.CertificateInvalidError
	if !errors.As(err, &invalid) || invalid.Reason != x509.Expired {
		t.Fatal(fmt.Sprint("not refused as expired: ", err))
	}
}
