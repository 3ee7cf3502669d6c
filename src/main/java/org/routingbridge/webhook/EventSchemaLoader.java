package org.routingbridge.webhook;

import java.util.Locale;

import com.networknt.schema.PathType;
import com.networknt.schema.SchemaValidatorsConfig;
import org.apache.camel.component.jsonvalidator.DefaultJsonUriSchemaLoader;

/** Makes the validator speak English and in JSON Pointers, wherever it runs, and assert every {@code format}. */
public final class EventSchemaLoader extends DefaultJsonUriSchemaLoader {

    public EventSchemaLoader() {
        config = SchemaValidatorsConfig.builder()
                .pathType(PathType.JSON_POINTER)
                .formatAssertionsEnabled(true)
                .locale(Locale.ENGLISH)
                .build();
    }
}
