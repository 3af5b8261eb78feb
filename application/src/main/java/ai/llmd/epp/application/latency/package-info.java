/** Predicts how long each endpoint would take for a request, and learns from how long they took. */
@NullMarked
package ai.llmd.epp.application.latency;

import org.jspecify.annotations.NullMarked;
