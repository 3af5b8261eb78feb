/** The program with endpoints from an API server. */
@NullMarked
package ai.llmd.epp.acceptance.kubernetes;

import org.jspecify.annotations.NullMarked;
