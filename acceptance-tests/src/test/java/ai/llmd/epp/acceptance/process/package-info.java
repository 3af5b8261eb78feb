/** The program as a process: how it starts, refuses, and ends on a signal. */
@NullMarked
package ai.llmd.epp.acceptance.process;

import org.jspecify.annotations.NullMarked;
