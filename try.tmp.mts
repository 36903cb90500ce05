import { startAws } from './src/sandbox/aws.ts';
import { clientsFor } from './src/aws/clients.ts';
import { deployAssembly } from './src/cli/deploy/deploy-assembly.ts';
const t=performance.now();
const aws=await startAws({regions:['us-east-1','us-west-2'],account:'111122223333',speed:'max',images:{}, signals:false});
console.log('up',performance.now()-t);
try {
 for (let i=0;i<2;i++){
 const t2=performance.now();
 const r=await deployAssembly({assemblyDirectory:process.argv[2]??'/tmp/cdkt/out',clients:(region)=>clientsFor(region,{endpoint:aws.endpoint,credentials:aws.administrator,requestTimeout:20000}),onProgress:({says,done,of})=>console.log(done+'/'+of,says)});
 console.log(r.changed, 'deployed',performance.now()-t2);
 }
} catch(e) { console.log(e) } finally { await aws.stop(); }
