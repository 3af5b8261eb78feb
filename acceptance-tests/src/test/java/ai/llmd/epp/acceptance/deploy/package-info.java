/** The manifests of {@code deploy/}, read as Kubernetes reads them. */
@NullMarked
package ai.llmd.epp.acceptance.deploy;

import org.jspecify.annotations.NullMarked;
