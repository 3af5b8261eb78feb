package main

import (
	"encoding/json"
	"net"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// echo answers what it was asked, by which pod and at which port: the part of the suite's server that its tests read.
type echo struct {
	namespace string
	pod       string
	httpPort  string
}

type echoAnswer struct {
	Path      string      `json:"path"`
	Host      string      `json:"host"`
	Method    string      `json:"method"`
	Protocol  string      `json:"proto"`
	Headers   http.Header `json:"headers"`
	HTTPPort  string      `json:"httpPort"`
	Namespace string      `json:"namespace"`
	Pod       string      `json:"pod"`
}

func (e echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(echoAnswer{
		Path:      r.RequestURI,
		Host:      r.Host,
		Method:    r.Method,
		Protocol:  r.Proto,
		Headers:   r.Header,
		HTTPPort:  e.httpPort,
		Namespace: e.namespace,
		Pod:       e.pod,
	})
}

// serveEcho serves HTTP/1.1 on one port of the pod and cleartext HTTP/2, and nothing else, on another.
func serveEcho(pod *corev1.Pod, container corev1.Container, ip string) ([]*http.Server, error) {
	handler := echo{pod.Namespace, pod.Name, variable(container, "HTTP_PORT", "3000")}
	var http1, http2 http.Protocols
	http1.SetHTTP1(true)
	http2.SetUnencryptedHTTP2(true)
	first, err := serve(net.JoinHostPort(ip, handler.httpPort), handler, &http1)
	if err != nil {
		return nil, err
	}
	second, err := serve(net.JoinHostPort(ip, variable(container, "H2C_PORT", "3001")), handler, &http2)
	if err != nil {
		return []*http.Server{first}, err
	}
	return []*http.Server{first, second}, nil
}

func serve(address string, handler http.Handler, protocols *http.Protocols) (*http.Server, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: handler, Protocols: protocols, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	return server, nil
}

func variable(container corev1.Container, name, otherwise string) string {
	for _, each := range container.Env {
		if each.Name == name {
			return each.Value
		}
	}
	return otherwise
}
