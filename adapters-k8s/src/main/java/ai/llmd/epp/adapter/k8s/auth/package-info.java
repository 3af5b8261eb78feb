/** Who may read pages of this program, as the Kubernetes API server decides. */
@NullMarked
package ai.llmd.epp.adapter.k8s.auth;

import org.jspecify.annotations.NullMarked;
