package ai.llmd.epp.traces.span;

/**
 * The part of a program that spans come from, an instrumentation scope of OpenTelemetry. A program
 * has a few of them, as constants: exporters keep what they made of each.
 *
 * @param version of the build
 */
public record SpanScope(String name, String version) {}
