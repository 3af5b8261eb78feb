/** The command line: one visible table of flags, and what they come to. */
@NullMarked
package ai.llmd.epp.bootstrap.cli;

import org.jspecify.annotations.NullMarked;
