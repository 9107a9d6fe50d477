// The recorded functions that nothing of ours follows yet. Who adds an entry takes its line out, which a test asks for; in the end there is none.

/** Keys of the table that are to come, by the file that they belong in. */
export const awaited: readonly string[] = [
  // classic.ts
  'torch.optim SGD',
  'torch.optim Adagrad',
  'torch.optim RMSprop',
  'torch.optim Adadelta',
  // adam-kin.ts: Adam and AdamW
  'torch.optim Adam',
  'torch.optim AdamW',
  'optax adamw',
  'torch.optim Adamax',
  'optax adamaxw',
  // adam-kin.ts: NAdam and RAdam
  'torch.optim NAdam',
  'optax nadam',
  'torch.optim RAdam',
  'optax radam',
  // adam-kin.ts: AdaBelief, AdaBound, Yogi
  'optax adabelief',
  'adabelief adabelief.AdaBelief',
  'adabound adabound.AdaBound',
  'pytorch_optimizer pytorch_optimizer.AdaBound',
  'optax yogi',
  'yogi yogi.Yogi (pytorch_optimizer)',
  // adam-kin.ts: Adan, AdEMAMix, ADOPT
  'optax adan',
  'adan adan.Adan',
  'optax ademamix',
  'ademamix ademamix.AdEMAMix',
  'optax adopt',
  'adopt adopt.ADOPT',
  // adam-kin.ts: LaProp, NovoGrad, MARS
  'laprop laprop.LaProp',
  'optax novograd',
  'pytorch_optimizer pytorch_optimizer.NovoGrad',
  'mars mars.MARS',
  // adam-kin.ts: cautious, Grams, Ranger
  'c_optim c_optim.AdamW',
  'c_optim c_optim.Lion',
  'pytorch_optimizer pytorch_optimizer.Lion use_gc',
  'grams grams.Grams',
  'pytorch_optimizer pytorch_optimizer.Ranger',
  // sign-and-trust.ts
  'optax lion',
  'optax sign_sgd',
  'optax signum',
  'torch.optim Rprop',
  'optax rprop',
  // memory.ts
  // matrices.ts
  // rate-free.ts: schedule-free
  'optax schedule_free_sgd',
  'optax schedule_free_adamw',
  'schedulefree schedulefree.SGDScheduleFree',
  'schedulefree schedulefree.AdamWScheduleFree',
  'schedulefree schedulefree.RAdamScheduleFree',
  // rate-free.ts: Prodigy and D-Adaptation
  'optax prodigy',
  'prodigyopt prodigyopt.Prodigy',
  'optax dadapt_adamw',
  'dadaptation dadaptation.DAdaptSGD',
  'dadaptation dadaptation.DAdaptAdam',
  'dadaptation dadaptation.DAdaptAdaGrad',
  'dadaptation dadaptation.DAdaptLion',
  // rate-free.ts: DoG, Momo
  'dog dog.DoG',
  'dog dog.LDoG',
  'dowg dowg.DoWG',
  'momo momo.Momo',
  'momo momo.MomoAdam',
  // others.ts
  'torch.optim ASGD',
  'optax optimistic_gradient_descent',
  'madgrad madgrad.MADGRAD',
  // wrappers.ts: gradients
  'optax clip_by_block_rms(d) then sgd(#)',
  'optax adaptive_grad_clip(d) then sgd(#)',
  'optax centralize then sgd(#)',
  'optax MultiSteps(adam(#), #)',
  'optax lookahead-free adam(cosine_decay_schedule(#, #))',
  'optax ema(#) then sgd(#)',
  // wrappers.ts: parameters
  'pytorch_optimizer pytorch_optimizer.Lookahead',
  'pytorch_optimizer pytorch_optimizer.SAM',
  'torch torch.optim.swa_utils.AveragedModel (EMA)',
  'torch torch.optim.swa_utils.AveragedModel (SWA)',
  'dog dog.PolynomialDecayAverager',
];
