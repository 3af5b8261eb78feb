/** Requests that arrive together and begin alike, sent to the same endpoint. */
@org.jspecify.annotations.NullMarked
package ai.llmd.epp.application.burst;
