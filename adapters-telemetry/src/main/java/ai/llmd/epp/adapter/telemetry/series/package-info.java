/**
 * What the meters count into: histograms that cost little, families that are shown once more under
 * their deprecated names, and label values whose number is bounded.
 */
@NullMarked
package ai.llmd.epp.adapter.telemetry.series;

import org.jspecify.annotations.NullMarked;
