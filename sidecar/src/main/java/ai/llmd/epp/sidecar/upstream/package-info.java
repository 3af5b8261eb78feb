/** The HTTP client towards model servers: kept connections, and one leg after the other on each. */
@NullMarked
package ai.llmd.epp.sidecar.upstream;

import org.jspecify.annotations.NullMarked;
