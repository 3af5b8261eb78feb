/** The command line: one visible table of flags, and what they come to. */
@NullMarked
package ai.llmd.epp.cli;

import org.jspecify.annotations.NullMarked;
