package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
	"sigs.k8s.io/yaml"
)

const (
	controllerName = "epp.test/stand-in"
	className      = "stand-in"
)

// definitions are the folders of modules with the kinds that the suite needs; no copy of them is kept here.
var definitions = map[string]string{
	"sigs.k8s.io/gateway-api":                     "config/crd/standard",
	"sigs.k8s.io/gateway-api-inference-extension": "config/crd/bases",
}

// define makes the API server take the suite's kinds, and names the class of gateways that are played here.
func define(ctx context.Context, c client.Client) error {
	for module, folder := range definitions {
		printed, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
		if err != nil {
			return fmt.Errorf("where is module %s? %w", module, err)
		}
		files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(printed)), folder, "*.yaml"))
		if err != nil {
			return err
		}
		for _, file := range files {
			if err := defineKind(ctx, c, file); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	class := &gatewayv1.GatewayClass{
		ObjectMeta: metav1.ObjectMeta{Name: className},
		Spec:       gatewayv1.GatewayClassSpec{ControllerName: controllerName},
	}
	return c.Create(ctx, class)
}

func defineKind(ctx context.Context, c client.Client, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	crd := &apiextensionsv1.CustomResourceDefinition{}
	if err := yaml.Unmarshal(text, crd); err != nil || crd.Kind != "CustomResourceDefinition" {
		return err // a folder has other objects, too
	}
	if err := c.Create(ctx, crd); err != nil {
		return err
	}
	return wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, startLimit, true, func(ctx context.Context) (bool, error) {
		if err := c.Get(ctx, client.ObjectKeyFromObject(crd), crd); err != nil {
			return false, err
		}
		for _, condition := range crd.Status.Conditions {
			if condition.Type == apiextensionsv1.Established && condition.Status == apiextensionsv1.ConditionTrue {
				return true, nil
			}
		}
		return false, nil
	})
}
