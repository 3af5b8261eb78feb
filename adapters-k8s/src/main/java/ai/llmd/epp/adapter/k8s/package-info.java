/** What a Kubernetes API server holds: pools, pods, objectives, rewrites, and who is the leader. */
@NullMarked
package ai.llmd.epp.adapter.k8s;

import org.jspecify.annotations.NullMarked;
