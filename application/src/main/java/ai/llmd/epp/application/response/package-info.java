/** Plugins that follow a response and add headers or metadata about it. */
@NullMarked
package ai.llmd.epp.application.response;

import org.jspecify.annotations.NullMarked;
