@NullMarked
package ai.llmd.epp.acceptance.metrics;

import org.jspecify.annotations.NullMarked;
