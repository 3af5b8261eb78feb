/**
 * JSON by spans: one validating pass over a byte array that says where values are, and texts that
 * are read straight from those spans. Knows nothing of the formats that are written in it.
 */
@NullMarked
package ai.llmd.epp.adapter.extproc.body.json;

import org.jspecify.annotations.NullMarked;
