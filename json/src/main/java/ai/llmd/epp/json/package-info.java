/**
 * JSON by spans: one validating pass over a byte array that reports where values are, and texts
 * that are read straight from those spans. Knows the JDK only, and no format that is written in
 * JSON.
 */
@NullMarked
package ai.llmd.epp.json;

import org.jspecify.annotations.NullMarked;
