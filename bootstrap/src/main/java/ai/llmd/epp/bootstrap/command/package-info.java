/** What the program does instead of serving, when its first argument names it: {@code explain}. */
@NullMarked
package ai.llmd.epp.bootstrap.command;

import org.jspecify.annotations.NullMarked;
