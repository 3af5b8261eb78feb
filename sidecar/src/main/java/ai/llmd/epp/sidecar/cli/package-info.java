/** The command line, and what it says together. */
@NullMarked
package ai.llmd.epp.sidecar.cli;

import org.jspecify.annotations.NullMarked;
