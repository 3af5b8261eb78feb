/** Files that hold the objects which Kubernetes would hold elsewhere: objectives and rewrites. */
@NullMarked
package ai.llmd.epp.bootstrap.objects;

import org.jspecify.annotations.NullMarked;
