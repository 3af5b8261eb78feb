/** The prefill/decode sidecar with everything around it: Envoy, the picker, engines. */
@NullMarked
package ai.llmd.epp.acceptance.sidecar;

import org.jspecify.annotations.NullMarked;
