/** What is known of the plugins that read the metrics of model servers, however they do it. */
@NullMarked
package ai.llmd.epp.application.metrics;

import org.jspecify.annotations.NullMarked;
