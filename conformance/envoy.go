package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
)

// object is a part of Envoy's configuration.
type object map[string]any

type list []any

const types3 = "type.googleapis.com/envoy."

// envoy is a real one. It follows files, which are replaced as a whole.
type envoy struct {
	folder  string
	program string
	process *child
	written map[string][]byte
}

func newEnvoy(folder, program string) *envoy {
	return &envoy{folder: folder, program: program, written: map[string][]byte{}}
}

func (e *envoy) start() error {
	bootstrap := object{
		"node": object{"id": className, "cluster": className},
		"dynamic_resources": object{
			"cds_config": e.source("clusters"),
			"lds_config": e.source("listeners"),
		},
	}
	if err := e.write("bootstrap", bootstrap); err != nil {
		return err
	}
	for _, file := range []string{"clusters", "listeners"} {
		if err := e.put(file); err != nil {
			return err
		}
	}
	var err error
	e.process, err = startChild(e.folder, "envoy", nil, e.program,
		"-c", e.file("bootstrap"), "--concurrency", "1", "--disable-hot-restart", "--log-level", "warning")
	return err
}

func (e *envoy) stop() {
	if e.process != nil {
		e.process.stop()
	}
}

func (e *envoy) file(name string) string {
	return filepath.Join(e.folder, name+".json")
}

func (e *envoy) source(name string) object {
	return object{"path_config_source": object{"path": e.file(name)}, "resource_api_version": "V3"}
}

// put replaces the resources of a file.
func (e *envoy) put(name string, resources ...any) error {
	return e.write(name, object{"resources": append(list{}, resources...)})
}

// write replaces a file, by a rename, which Envoy watches for, when its content differs.
func (e *envoy) write(name string, content any) error {
	text, err := json.MarshalIndent(content, "", " ")
	if err != nil || bytes.Equal(text, e.written[name]) {
		return err
	}
	fresh := e.file(name) + ".new"
	if err := os.WriteFile(fresh, text, 0o644); err != nil {
		return err
	}
	e.written[name] = text
	return os.Rename(fresh, e.file(name))
}
