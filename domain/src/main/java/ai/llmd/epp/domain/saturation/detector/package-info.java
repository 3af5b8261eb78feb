/** The saturation detectors there are; also usable as filters. */
@NullMarked
package ai.llmd.epp.domain.saturation.detector;

import org.jspecify.annotations.NullMarked;
