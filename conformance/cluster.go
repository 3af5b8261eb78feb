package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

const (
	adminToken   = "admin-of-the-suite"
	keyBits      = 2048
	tokenSeconds = int64(4 * 3600)
	startLimit   = 2 * time.Minute
)

// cluster is a real API server with RBAC on an etcd of its own. No controller of Kubernetes runs beside it.
type cluster struct {
	folder   string
	address  string
	children []*child
}

func startCluster(ctx context.Context, folder string) (*cluster, error) {
	ports, err := freePorts(3)
	if err != nil {
		return nil, err
	}
	c := &cluster{folder: folder, address: fmt.Sprintf("https://127.0.0.1:%d", ports[2])}
	if err := c.writeKeys(); err != nil {
		return nil, err
	}
	clients := fmt.Sprintf("http://127.0.0.1:%d", ports[0])
	peers := fmt.Sprintf("http://127.0.0.1:%d", ports[1])
	if err := c.start("etcd",
		"--data-dir="+filepath.Join(folder, "etcd-data"),
		"--listen-client-urls="+clients,
		"--advertise-client-urls="+clients,
		"--listen-peer-urls="+peers,
		"--initial-advertise-peer-urls="+peers,
		"--initial-cluster=default="+peers,
		"--unsafe-no-fsync"); err != nil {
		return c, err
	}
	if err := c.start("kube-apiserver",
		"--etcd-servers="+clients,
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		"--endpoint-reconciler-type=none",
		"--secure-port="+strconv.Itoa(ports[2]),
		"--cert-dir="+filepath.Join(folder, "certificates"),
		"--service-cluster-ip-range=10.96.0.0/16",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file="+filepath.Join(folder, "accounts.key"),
		"--service-account-signing-key-file="+filepath.Join(folder, "accounts.key"),
		"--token-auth-file="+filepath.Join(folder, "tokens.csv"),
		"--authorization-mode=RBAC",
		"--disable-admission-plugins=ServiceAccount"); err != nil {
		return c, err
	}
	return c, c.awaitReady(ctx)
}

func (c *cluster) start(program string, arguments ...string) error {
	path, err := findProgram(program)
	if err != nil {
		return err
	}
	started, err := startChild(c.folder, program, nil, append([]string{path}, arguments...)...)
	if err != nil {
		return err
	}
	c.children = append(c.children, started)
	return nil
}

// findProgram looks in the folder that KUBEBUILDER_ASSETS names, as envtest has it, then on the PATH.
func findProgram(name string) (string, error) {
	path := filepath.Join(os.Getenv("KUBEBUILDER_ASSETS"), name)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%s is neither in the folder KUBEBUILDER_ASSETS nor on the PATH", name)
	}
	return path, nil
}

func (c *cluster) writeKeys() error {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	if err := os.WriteFile(filepath.Join(c.folder, "accounts.key"), text, 0o600); err != nil {
		return err
	}
	tokens := adminToken + ",admin,1,system:masters\n"
	return os.WriteFile(filepath.Join(c.folder, "tokens.csv"), []byte(tokens), 0o600)
}

func (c *cluster) certificate() string {
	return filepath.Join(c.folder, "certificates", "apiserver.crt")
}

// admin may do everything.
func (c *cluster) admin() *rest.Config {
	return &rest.Config{
		Host:            c.address,
		BearerToken:     adminToken,
		TLSClientConfig: rest.TLSClientConfig{CAFile: c.certificate()},
		QPS:             -1,
	}
}

func (c *cluster) awaitReady(ctx context.Context) error {
	limit := time.Now().Add(startLimit)
	for time.Now().Before(limit) && ctx.Err() == nil {
		for _, each := range c.children {
			if each.hasEnded() {
				return fmt.Errorf("%s ended: see %s", each.name, filepath.Join(c.folder, each.name+".log"))
			}
		}
		if c.isReady(ctx) {
			return nil
		}
		time.Sleep(200 * time.Millisecond)
	}
	return fmt.Errorf("no API server after %s: see %s", startLimit, c.folder)
}

func (c *cluster) isReady(ctx context.Context) bool {
	clients, err := kubernetes.NewForConfig(c.admin()) // fails until the certificate is written
	if err != nil {
		return false
	}
	answer, err := clients.RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
	return err == nil && string(answer) == "ok"
}

// kubeconfig writes one that has the rights of an account, by a token as pods get it.
func (c *cluster) kubeconfig(ctx context.Context, namespace, account string) (string, error) {
	clients, err := kubernetes.NewForConfig(c.admin())
	if err != nil {
		return "", err
	}
	seconds := tokenSeconds
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &seconds}}
	made, err := clients.CoreV1().ServiceAccounts(namespace).CreateToken(ctx, account, request, metav1.CreateOptions{})
	if err != nil {
		return "", err
	}
	return c.writeKubeconfig(namespace+"-"+account, made.Status.Token)
}

func (c *cluster) writeKubeconfig(name, token string) (string, error) {
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
clusters: [{name: real, cluster: {server: %q, certificate-authority: %q}}]
users: [{name: account, user: {token: %q}}]
contexts: [{name: real, context: {cluster: real, user: account}}]
current-context: real
`, c.address, c.certificate(), token)
	path := filepath.Join(c.folder, "kubeconfig-"+name+".yaml")
	return path, os.WriteFile(path, []byte(text), 0o600)
}

func (c *cluster) stop() {
	for i := len(c.children) - 1; i >= 0; i-- {
		c.children[i].stop()
	}
}

// freePorts are all different, and free on every address.
func freePorts(count int) ([]int, error) {
	ports := make([]int, count)
	for i := range ports {
		listener, err := net.Listen("tcp", ":0")
		if err != nil {
			return nil, err
		}
		defer listener.Close()
		ports[i] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}
