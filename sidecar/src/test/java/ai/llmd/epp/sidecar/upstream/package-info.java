/** Tests of the client towards model servers. */
@NullMarked
package ai.llmd.epp.sidecar.upstream;

import org.jspecify.annotations.NullMarked;
