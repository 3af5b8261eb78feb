/**
 * Files that are followed while the program runs: a watch that notices every way in which a file
 * changes, and the rule that a content counts as a whole or not at all.
 */
@NullMarked
package ai.llmd.epp.filewatch;

import org.jspecify.annotations.NullMarked;
