/**
 * The contract of request parsers: what is read out of a request's body and of the response to it,
 * and where another model's name goes. Bytes are arrays here; wires and their buffers are the
 * adapters'.
 */
@NullMarked
package ai.llmd.epp.application.parsing;

import org.jspecify.annotations.NullMarked;
