/** The metrics port as a client sees it. */
@NullMarked
package ai.llmd.epp.bootstrap.admin;

import org.jspecify.annotations.NullMarked;
