/**
 * Strict YAML: documents whose values know their line, column and path, records filled from them
 * (the record is the schema), and everything that is wrong reported at once, with the nearest name
 * that would have been right.
 */
@NullMarked
package ai.llmd.epp.yaml;

import org.jspecify.annotations.NullMarked;
