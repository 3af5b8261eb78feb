/** Input that is wrong, hostile or out of order: a clear answer, and nothing is lost. */
@NullMarked
package ai.llmd.epp.acceptance.badinput;

import org.jspecify.annotations.NullMarked;
