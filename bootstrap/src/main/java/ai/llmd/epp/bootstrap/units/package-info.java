/** Units as operators write them: Go durations and Kubernetes quantities. */
@NullMarked
package ai.llmd.epp.bootstrap.units;

import org.jspecify.annotations.NullMarked;
