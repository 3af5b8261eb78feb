/**
 * Flow control as a data structure: requests that wait, by priority band and flow, and who of them
 * is next. Pure and without a clock: every time is handed in, in nanoseconds since one start, 0 or
 * more.
 */
@NullMarked
package ai.llmd.epp.domain.flow;

import org.jspecify.annotations.NullMarked;
