/** What the program does instead of serving, when its first argument names it: {@code explain}. */
@NullMarked
package ai.llmd.epp.cli.command;

import org.jspecify.annotations.NullMarked;
