/**
 * Envoy's messages as they are on the wire: what the picker reads of a request, written by hand
 * from the bytes, and the answers that it builds.
 */
@NullMarked
package ai.llmd.epp.adapter.extproc.message;

import org.jspecify.annotations.NullMarked;
