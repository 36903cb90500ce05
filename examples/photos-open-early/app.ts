import { App } from 'aws-cdk-lib';
import { PilotLight } from 'pilot-light';
import config from './pilot-light.config.ts';

const app = new App();
new PilotLight(app, 'Photos', { config, baseDirectory: import.meta.dirname });
app.synth();
