/** The program as a process: how it starts, refuses, and ends when it is told to. */
@NullMarked
package ai.llmd.epp.acceptance.process;

import org.jspecify.annotations.NullMarked;
