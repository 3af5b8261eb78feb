/** Readers of metrics, reviewed by a mock API server. */
@NullMarked
package ai.llmd.epp.adapter.k8s.auth;

import org.jspecify.annotations.NullMarked;
