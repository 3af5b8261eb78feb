// Package suite runs the conformance suite of the Gateway API Inference Extension.
package suite

import (
	"testing"

	"sigs.k8s.io/gateway-api-inference-extension/conformance"
)

func TestConformance(t *testing.T) {
	conformance.RunConformance(t)
}
