/** The only main: reads flags and configuration, builds the program, starts and stops it. */
@NullMarked
package ai.llmd.epp.bootstrap;

import org.jspecify.annotations.NullMarked;
