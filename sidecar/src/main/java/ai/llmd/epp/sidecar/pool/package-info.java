/** The pods of an InferencePool, read from the Kubernetes API: which servers may be named. */
@NullMarked
package ai.llmd.epp.sidecar.pool;

import org.jspecify.annotations.NullMarked;
