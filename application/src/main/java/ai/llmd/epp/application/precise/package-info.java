/** How much of a prompt each endpoint holds, exactly: from the KV-cache events of model servers. */
@NullMarked
package ai.llmd.epp.application.precise;

import org.jspecify.annotations.NullMarked;
