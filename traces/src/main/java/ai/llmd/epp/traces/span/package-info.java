/**
 * Spans as they are handed from a program to an exporter: what ended, and what writes it in the
 * format that leaves the program. Attributes go straight into that format; no span is an object
 * with a map.
 */
@NullMarked
package ai.llmd.epp.traces.span;

import org.jspecify.annotations.NullMarked;
